;; The first look at rows: upper bounds of their scores from 2 bits a number, 16 rows at a time.
;; `node scripts/assemble-kernel.mjs` makes kernel-bytes.ts of it.
;;
;; Two numbers of a row are one code of 4 bits, which names an entry of a table of 16 bytes: a swizzle
;; looks up 16 rows at once ("fast scan", André, Kermarrec and Le Scouarnec 2015). Codes lie in blocks
;; of 16 rows: 4 vectors for each group of 8 tables (low half of a byte: the table before, high half:
;; the one after), then a vector with the range of each row's error.
(module
  (memory (export "memory") 1 65536)

  ;; Writes the sums of the rows of `count` blocks, whose numbers are at `list`, to `out`, as uint16: the
  ;; averages of their groups, and of the table at `errors` (16 low bytes, 16 high bytes) the entry of
  ;; the error. An average is rounded up, so a sum never says too little. Of each `part` blocks, the
  ;; greatest of each of 8 lanes goes to `best`.
  (func (export "sum")
    (param $codes i32) (param $blockBytes i32) (param $list i32) (param $count i32)
    (param $tables i32) (param $groups i32) (param $errors i32) (param $out i32)
    (param $part i32) (param $best i32)
    (local $left i32)
    (local $at i32) (local $t i32) (local $end i32) (local $nibble v128) (local $average v128)
    (local $error v128) (local $errorHigh v128)
    (local $low v128) (local $high v128) (local $most v128)
    (local.set $left (local.get $part))
    (local.set $nibble (i8x16.splat (i32.const 15)))
    (local.set $end (i32.add (local.get $tables) (i32.shl (local.get $groups) (i32.const 7))))
    (loop $blocks
      (local.set $at (i32.add (local.get $codes)
        (i32.mul (i32.load (local.get $list)) (local.get $blockBytes))))
      (local.set $low (v128.const i32x4 0 0 0 0))
      (local.set $high (v128.const i32x4 0 0 0 0))
      (local.set $t (local.get $tables))
      (loop $group
        (local.set $average (i8x16.avgr_u
          (i8x16.avgr_u
            (i8x16.swizzle (v128.load (local.get $t))
              (v128.and (v128.load (local.get $at)) (local.get $nibble)))
            (i8x16.swizzle (v128.load offset=16 (local.get $t))
              (v128.and (local.get $nibble)
                (i16x8.shr_u (v128.load (local.get $at)) (i32.const 4)))))
          (i8x16.avgr_u
            (i8x16.swizzle (v128.load offset=32 (local.get $t))
              (v128.and (v128.load offset=16 (local.get $at)) (local.get $nibble)))
            (i8x16.swizzle (v128.load offset=48 (local.get $t))
              (v128.and (local.get $nibble)
                (i16x8.shr_u (v128.load offset=16 (local.get $at)) (i32.const 4)))))))
        (local.set $average (i8x16.avgr_u (local.get $average) (i8x16.avgr_u
          (i8x16.avgr_u
            (i8x16.swizzle (v128.load offset=64 (local.get $t))
              (v128.and (v128.load offset=32 (local.get $at)) (local.get $nibble)))
            (i8x16.swizzle (v128.load offset=80 (local.get $t))
              (v128.and (local.get $nibble)
                (i16x8.shr_u (v128.load offset=32 (local.get $at)) (i32.const 4)))))
          (i8x16.avgr_u
            (i8x16.swizzle (v128.load offset=96 (local.get $t))
              (v128.and (v128.load offset=48 (local.get $at)) (local.get $nibble)))
            (i8x16.swizzle (v128.load offset=112 (local.get $t))
              (v128.and (local.get $nibble)
                (i16x8.shr_u (v128.load offset=48 (local.get $at)) (i32.const 4))))))))
        (local.set $low
          (i16x8.add (local.get $low) (i16x8.extend_low_i8x16_u (local.get $average))))
        (local.set $high
          (i16x8.add (local.get $high) (i16x8.extend_high_i8x16_u (local.get $average))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br_if $group (i32.lt_u
          (local.tee $t (i32.add (local.get $t) (i32.const 128)))
          (local.get $end))))
      (local.set $error (v128.load (local.get $at)))
      (local.set $errorHigh
        (i8x16.swizzle (v128.load offset=16 (local.get $errors)) (local.get $error)))
      (local.set $error (i8x16.swizzle (v128.load (local.get $errors)) (local.get $error)))
      (local.set $low (i16x8.add_sat_u (local.get $low)
        (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
          (local.get $error) (local.get $errorHigh))))
      (local.set $high (i16x8.add_sat_u (local.get $high)
        (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
          (local.get $error) (local.get $errorHigh))))
      (v128.store (local.get $out) (local.get $low))
      (v128.store offset=16 (local.get $out) (local.get $high))
      (local.set $most
        (i16x8.max_u (local.get $most) (i16x8.max_u (local.get $low) (local.get $high))))
      (v128.store (local.get $best) (local.get $most))
      (if (i32.eqz (local.tee $left (i32.sub (local.get $left) (i32.const 1))))
        (then
          (local.set $left (local.get $part))
          (local.set $most (v128.const i32x4 0 0 0 0))
          (local.set $best (i32.add (local.get $best) (i32.const 16)))))
      (local.set $list (i32.add (local.get $list) (i32.const 4)))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (br_if $blocks (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; Writes the places of those of `blocks` blocks of sums from `sums` on that are at least `least` to
  ;; `out`, the first sum being at place `place`; how many they are.
  (func (export "collect")
    (param $sums i32) (param $blocks i32) (param $place i32) (param $least i32) (param $out i32)
    (result i32)
    (local $first i32) (local $bits i32) (local $bound v128)
    (local.set $first (local.get $out))
    (local.set $bound (i16x8.splat (local.get $least)))
    (loop $rows
      (local.set $bits (i8x16.bitmask (i8x16.narrow_i16x8_s
        (i16x8.ge_u (v128.load (local.get $sums)) (local.get $bound))
        (i16x8.ge_u (v128.load offset=16 (local.get $sums)) (local.get $bound)))))
      (if (local.get $bits)
        (then
          (loop $hits
            (i32.store (local.get $out) (i32.add (local.get $place) (i32.ctz (local.get $bits))))
            (local.set $out (i32.add (local.get $out) (i32.const 4)))
            (br_if $hits (local.tee $bits
              (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))))))
      (local.set $sums (i32.add (local.get $sums) (i32.const 32)))
      (local.set $place (i32.add (local.get $place) (i32.const 16)))
      (br_if $rows (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1)))))
    (i32.shr_u (i32.sub (local.get $out) (local.get $first)) (i32.const 2))))
