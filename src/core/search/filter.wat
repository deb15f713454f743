;; The second look at rows: which of some rows of int8 codes can score at least a threshold.
;; `node scripts/assemble-kernel.mjs` makes kernel-bytes.ts of it.
;;
;; A row: three float32 (scale, slack, bias), 4 bytes unused, then its int8 codes, zero-padded to a
;; multiple of 16; `stride` bytes in all. The query: as many int16. A row is kept when
;;   dot(query, codes) · queryScale · scale + queryNorm · slack + bias ≥ threshold,
;; the left side being an upper bound of its true score (row-filter.ts says why). Two rows at a time
;; share the loads of the query.
(module
  (memory (export "memory") 1 65536)

  ;; The upper bound of a row, of the four partial sums of its dot product.
  (func $bound (param $row i32) (param $sums v128) (param $queryScale f32) (param $queryNorm f32)
    (result f32)
    (local.set $sums (i32x4.add (local.get $sums)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sums) (local.get $sums))))
    (f32.add
      (f32.add
        (f32.mul
          (f32.mul
            (f32.convert_i32_s (i32.add
              (i32x4.extract_lane 0 (local.get $sums))
              (i32x4.extract_lane 1 (local.get $sums))))
            (local.get $queryScale))
          (f32.load (local.get $row)))
        (f32.mul (local.get $queryNorm) (f32.load offset=4 (local.get $row))))
      (f32.load offset=8 (local.get $row))))

  ;; Keeps, of the `count` numbers of rows at `list`, counted from address `rows`, those to keep, moved
  ;; together in place; how many they are. After the last number there must be room for another.
  (func (export "scan")
    (param $rows i32) (param $list i32) (param $count i32) (param $stride i32) (param $query i32)
    (param $queryScale f32) (param $queryNorm f32) (param $threshold f32)
    (result i32)
    (local $out i32) (local $first i32) (local $end i32) (local $queryEnd i32) (local $q i32)
    (local $rowA i32) (local $rowB i32) (local $a i32) (local $b i32)
    (local $low v128) (local $high v128) (local $sumsA v128) (local $sumsB v128)
    (local.set $first (local.tee $out (local.get $list)))
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    ;; Two bytes of the query for each byte of codes.
    (local.set $queryEnd (i32.add (local.get $query)
      (i32.shl (i32.sub (local.get $stride) (i32.const 16)) (i32.const 1))))
    (loop $pairs
      (local.set $rowA (i32.load (local.get $list)))
      ;; Of an odd count the last row is its own partner.
      (local.set $rowB (select
        (i32.load offset=4 (local.get $list))
        (local.get $rowA)
        (i32.lt_u (i32.add (local.get $list) (i32.const 4)) (local.get $end))))
      (local.set $a (i32.add (local.get $rows) (i32.mul (local.get $rowA) (local.get $stride))))
      (local.set $b (i32.add (local.get $rows) (i32.mul (local.get $rowB) (local.get $stride))))
      (local.set $sumsA (v128.const i32x4 0 0 0 0))
      (local.set $sumsB (v128.const i32x4 0 0 0 0))
      (local.set $q (local.get $query))
      (loop $dimensions
        (local.set $low (v128.load (local.get $q)))
        (local.set $high (v128.load offset=16 (local.get $q)))
        (local.set $sumsA (i32x4.add (local.get $sumsA) (i32x4.add
          (i32x4.dot_i16x8_s (local.get $low) (v128.load8x8_s offset=16 (local.get $a)))
          (i32x4.dot_i16x8_s (local.get $high) (v128.load8x8_s offset=24 (local.get $a))))))
        (local.set $sumsB (i32x4.add (local.get $sumsB) (i32x4.add
          (i32x4.dot_i16x8_s (local.get $low) (v128.load8x8_s offset=16 (local.get $b)))
          (i32x4.dot_i16x8_s (local.get $high) (v128.load8x8_s offset=24 (local.get $b))))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (br_if $dimensions (i32.lt_u
          (local.tee $q (i32.add (local.get $q) (i32.const 32)))
          (local.get $queryEnd))))
      (local.set $a (i32.sub (local.get $a) (i32.sub (local.get $stride) (i32.const 16))))
      (local.set $b (i32.sub (local.get $b) (i32.sub (local.get $stride) (i32.const 16))))
      ;; Written always, kept only when the next place moves on: cheaper than a branch.
      (i32.store (local.get $out) (local.get $rowA))
      (local.set $out (i32.add (local.get $out) (i32.shl
        (f32.ge
          (call $bound (local.get $a) (local.get $sumsA)
            (local.get $queryScale) (local.get $queryNorm))
          (local.get $threshold))
        (i32.const 2))))
      (i32.store (local.get $out) (local.get $rowB))
      (local.set $out (i32.add (local.get $out) (i32.shl
        (i32.and
          (i32.ne (local.get $rowA) (local.get $rowB))
          (f32.ge
            (call $bound (local.get $b) (local.get $sumsB)
              (local.get $queryScale) (local.get $queryNorm))
            (local.get $threshold)))
        (i32.const 2))))
      (br_if $pairs (i32.lt_u
        (local.tee $list (i32.add (local.get $list) (i32.const 8)))
        (local.get $end))))
    (i32.shr_u (i32.sub (local.get $out) (local.get $first)) (i32.const 2))))
