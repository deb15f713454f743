;; Rows of a morph's frame, as `composeFrame` in src/core/morph defines it, four channels at once.
;; `node scripts/assemble-kernel.mjs` makes kernel-bytes.ts of it.
;;
;; Memory: at 0 the frame's constants, see `FRAME` in pixel-painter.ts, each f32 vector in lanes x, y:
;;   0 v128 2τ−1 · 16 v128 2τ · 32 v128 2(1−τ) · 48 v128 width and height
;;   64 f32 share of the morph, 0..1 · 68 f32 t of the plain line · 72 i32 width
;;   76 i32 first picture · 80 i32 second picture · 84 i32 flow · 88 i32 mask · 92 i32 residual
;;   96 i32 out · 100 i32 one row of flow (scratch)
;;   128 4 × v128 palette of the first picture, a column each for r, g, b, alpha · 192 of the second
;; A picture: premultiplied RGBA bytes with a border of 2 pixels that repeat its edge, so that no read
;; of a 4×4 neighbourhood needs to be clamped, and one load has a row of it. Flow: 65² points of
;; (x, y); mask and residual: 128² cells of 1 and 4 float32. Palettes take 2⁻¹⁴/255 of a number of
;; `$picture` to 0..1.
;;
;; Two habits: pmin and pmax, which are one instruction where min and max are many; and rounding by
;; adding 2²³ (1.5 · 2²³ for what may be negative), after which a float's lowest bits are an integer.
(module
  (memory (export "memory") 1 65536)

  ;; The four weights of Catmull-Rom (Keys 1981, a = −½) at the fraction f, the same in each lane.
  (func $weights (param $f v128) (result v128)
    (f32x4.add (v128.const f32x4 0 1 0 0)
      (f32x4.mul (local.get $f) (f32x4.add (v128.const f32x4 -0.5 0 0.5 0)
        (f32x4.mul (local.get $f) (f32x4.add (v128.const f32x4 1 -2.5 2 -0.5)
          (f32x4.mul (local.get $f) (v128.const f32x4 -0.5 1.5 -1.5 0.5))))))))

  ;; A picture at (x, y), in fractions of it, bicubically, mapped by the palette at `palette`.
  (func $picture (param $at i32) (param $xy v128) (param $stride i32) (param $palette i32)
    (result v128)
    (local $floor v128) (local $w v128) (local $first v128) (local $last v128) (local $row v128)
    (local $sum v128)
    ;; Pixels from the border's corner: the clamp to −½..n−½, and 2 for the border, less 1 to begin
    ;; left of the place, make ½..n+½.
    (local.set $xy (f32x4.add (v128.const f32x4 0.5 0.5 0.5 0.5)
      (f32x4.pmin (v128.load offset=48 (i32.const 0))
        (f32x4.pmax (v128.const f32x4 0 0 0 0)
          (f32x4.mul (local.get $xy) (v128.load offset=48 (i32.const 0)))))))
    (local.set $floor (f32x4.floor (local.get $xy)))
    (local.set $xy (f32x4.sub (local.get $xy) (local.get $floor)))
    (local.set $floor
      (f32x4.add (local.get $floor) (v128.const f32x4 8388608 8388608 8388608 8388608)))
    (local.set $at (i32.add (local.get $at) (i32.add
      (i32.mul (i32.and (i32x4.extract_lane 1 (local.get $floor)) (i32.const 0x7fffff))
        (local.get $stride))
      (i32.shl (i32.and (i32x4.extract_lane 0 (local.get $floor)) (i32.const 0x7fffff))
        (i32.const 2)))))
    ;; A row's 16 bytes are weighted by integers, 2¹⁴ for 1, in pairs of pixels: the bytes of a colour
    ;; are brought side by side for the dot product.
    (local.set $w (f32x4.add (v128.const f32x4 12582912 12582912 12582912 12582912)
      (f32x4.mul (v128.const f32x4 16384 16384 16384 16384)
        (call $weights (i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3
          (local.get $xy) (local.get $xy))))))
    (local.set $first
      (i8x16.shuffle 0 1 4 5 0 1 4 5 0 1 4 5 0 1 4 5 (local.get $w) (local.get $w)))
    (local.set $last
      (i8x16.shuffle 8 9 12 13 8 9 12 13 8 9 12 13 8 9 12 13 (local.get $w) (local.get $w)))
    (local.set $w (call $weights (i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7
      (local.get $xy) (local.get $xy))))
    (local.set $sum (f32x4.mul (f32x4.splat (f32x4.extract_lane 0 (local.get $w)))
      (f32x4.convert_i32x4_s (i32x4.add
        (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle
          (local.tee $row (v128.load (local.get $at)))
          (v128.const i8x16 0 -1 4 -1 1 -1 5 -1 2 -1 6 -1 3 -1 7 -1)))
        (i32x4.dot_i16x8_s (local.get $last) (i8x16.swizzle (local.get $row)
          (v128.const i8x16 8 -1 12 -1 9 -1 13 -1 10 -1 14 -1 11 -1 15 -1)))))))
    (local.set $at (i32.add (local.get $at) (local.get $stride)))
    (local.set $sum (f32x4.add (local.get $sum)
      (f32x4.mul (f32x4.splat (f32x4.extract_lane 1 (local.get $w)))
        (f32x4.convert_i32x4_s (i32x4.add
          (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle
            (local.tee $row (v128.load (local.get $at)))
            (v128.const i8x16 0 -1 4 -1 1 -1 5 -1 2 -1 6 -1 3 -1 7 -1)))
          (i32x4.dot_i16x8_s (local.get $last) (i8x16.swizzle (local.get $row)
            (v128.const i8x16 8 -1 12 -1 9 -1 13 -1 10 -1 14 -1 11 -1 15 -1))))))))
    (local.set $at (i32.add (local.get $at) (local.get $stride)))
    (local.set $sum (f32x4.add (local.get $sum)
      (f32x4.mul (f32x4.splat (f32x4.extract_lane 2 (local.get $w)))
        (f32x4.convert_i32x4_s (i32x4.add
          (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle
            (local.tee $row (v128.load (local.get $at)))
            (v128.const i8x16 0 -1 4 -1 1 -1 5 -1 2 -1 6 -1 3 -1 7 -1)))
          (i32x4.dot_i16x8_s (local.get $last) (i8x16.swizzle (local.get $row)
            (v128.const i8x16 8 -1 12 -1 9 -1 13 -1 10 -1 14 -1 11 -1 15 -1))))))))
    (local.set $at (i32.add (local.get $at) (local.get $stride)))
    (local.set $sum (f32x4.add (local.get $sum)
      (f32x4.mul (f32x4.splat (f32x4.extract_lane 3 (local.get $w)))
        (f32x4.convert_i32x4_s (i32x4.add
          (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle
            (local.tee $row (v128.load (local.get $at)))
            (v128.const i8x16 0 -1 4 -1 1 -1 5 -1 2 -1 6 -1 3 -1 7 -1)))
          (i32x4.dot_i16x8_s (local.get $last) (i8x16.swizzle (local.get $row)
            (v128.const i8x16 8 -1 12 -1 9 -1 13 -1 10 -1 14 -1 11 -1 15 -1))))))))
    (f32x4.add
      (f32x4.add
        (f32x4.mul (v128.load (local.get $palette))
          (i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $sum) (local.get $sum)))
        (f32x4.mul (v128.load offset=16 (local.get $palette))
          (i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7 (local.get $sum) (local.get $sum))))
      (f32x4.add
        (f32x4.mul (v128.load offset=32 (local.get $palette))
          (i8x16.shuffle 8 9 10 11 8 9 10 11 8 9 10 11 8 9 10 11 (local.get $sum) (local.get $sum)))
        (f32x4.mul (v128.load offset=48 (local.get $palette))
          (i8x16.shuffle 12 13 14 15 12 13 14 15 12 13 14 15 12 13 14 15
            (local.get $sum) (local.get $sum))))))

  ;; The pixel at an address, 0..1.
  (func $pixel (param $at i32) (result v128)
    (f32x4.mul (v128.const f32x4 0.003921569 0.003921569 0.003921569 0.003921569)
      (f32x4.convert_i32x4_u (i32x4.extend_low_i16x8_u
        (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $at)))))))

  ;; The flow at the row y (0..1) of the frame, at every point along x, into the scratch row.
  (func $flowRow (param $y f32)
    (local $g f32) (local $i i32) (local $f v128) (local $at i32) (local $to i32)
    (local.set $g (f32.mul (local.get $y) (f32.const 64)))
    (local.set $i (i32.trunc_f32_s (f32.min (f32.const 63) (local.get $g))))
    (local.set $f (f32x4.splat (f32.sub (local.get $g) (f32.convert_i32_s (local.get $i)))))
    ;; 65 points of 8 bytes a row.
    (local.set $at (i32.add (i32.load offset=84 (i32.const 0))
      (i32.mul (local.get $i) (i32.const 520))))
    (local.set $to (i32.load offset=100 (i32.const 0)))
    ;; Two points at a time: 33 pairs, the last with one that is not used.
    (local.set $i (i32.const 33))
    (loop $points
      (v128.store (local.get $to)
        (f32x4.add (v128.load (local.get $at))
          (f32x4.mul (local.get $f)
            (f32x4.sub (v128.load offset=520 (local.get $at)) (v128.load (local.get $at))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $points (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))

  ;; Paints the rows from `first` up to `end`.
  (func (export "paint") (param $first i32) (param $end i32)
    (local $width i32) (local $stride i32) (local $out i32) (local $k i32) (local $i i32)
    (local $x f32) (local $dx f32) (local $y f32) (local $g f32) (local $m f32) (local $alpha f32)
    (local $wa f32) (local $wb f32) (local $wc f32) (local $wd f32)
    (local $xy v128) (local $u v128) (local $p v128) (local $floor v128) (local $v v128)
    (local $line v128)
    (local.set $width (i32.load offset=72 (i32.const 0)))
    (local.set $dx (f32.div (f32.const 1) (f32.convert_i32_s (local.get $width))))
    (local.set $stride (i32.shl (i32.add (local.get $width) (i32.const 4)) (i32.const 2)))
    (local.set $out (i32.add (i32.load offset=96 (i32.const 0))
      (i32.shl (i32.mul (local.get $first) (local.get $width)) (i32.const 2))))
    (loop $rows
      (local.set $y (f32.div (f32.add (f32.convert_i32_s (local.get $first)) (f32.const 0.5))
        (f32x4.extract_lane 1 (v128.load offset=48 (i32.const 0)))))
      (call $flowRow (local.get $y))
      (local.set $k (i32.const 0))
      (loop $columns
        (local.set $x (f32.mul (local.get $dx)
          (f32.add (f32.convert_i32_s (local.get $k)) (f32.const 0.5))))
        (local.set $xy
          (f32x4.replace_lane 1 (f32x4.splat (local.get $x)) (local.get $y)))
        ;; x is below 1, so that its cell is one of 64.
        (local.set $g (f32.mul (local.get $x) (f32.const 64)))
        (local.set $i (i32.trunc_sat_f32_s (local.get $g)))
        ;; Two neighbours in one load: (x0, y0, x1, y1).
        (local.set $u (v128.load (i32.add (i32.load offset=100 (i32.const 0))
          (i32.shl (local.get $i) (i32.const 3)))))
        (local.set $u (f32x4.add (local.get $u) (f32x4.mul
          (f32x4.splat (f32.sub (local.get $g) (f32.convert_i32_s (local.get $i))))
          (f32x4.sub
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
              (local.get $u) (local.get $u))
            (local.get $u)))))
        ;; The place on the halfway domain, in cells of the 128² grids, clamped to their centres.
        (local.set $p
          (f32x4.pmin (v128.const f32x4 127 127 127 127)
            (f32x4.pmax (v128.const f32x4 0 0 0 0)
              (f32x4.sub
                (f32x4.mul (v128.const f32x4 128 128 128 128)
                  (f32x4.sub (local.get $xy)
                    (f32x4.mul (v128.load (i32.const 0)) (local.get $u))))
                (v128.const f32x4 0.5 0.5 0.5 0.5)))))
        (local.set $floor
          (f32x4.pmin (v128.const f32x4 126 126 126 126) (f32x4.floor (local.get $p))))
        (local.set $p (f32x4.sub (local.get $p) (local.get $floor)))
        (local.set $floor
          (f32x4.add (local.get $floor) (v128.const f32x4 8388608 8388608 8388608 8388608)))
        (local.set $i (i32.add
          (i32.and (i32x4.extract_lane 0 (local.get $floor)) (i32.const 127))
          (i32.shl (i32.and (i32x4.extract_lane 1 (local.get $floor)) (i32.const 127))
            (i32.const 7))))
        (local.set $wb (f32x4.extract_lane 0 (local.get $p)))
        (local.set $wc (f32x4.extract_lane 1 (local.get $p)))
        (local.set $wd (f32.mul (local.get $wb) (local.get $wc)))
        (local.set $wa (f32.sub (f32.const 1)
          (f32.sub (f32.add (local.get $wb) (local.get $wc)) (local.get $wd))))
        (local.set $wb (f32.sub (local.get $wb) (local.get $wd)))
        (local.set $wc (f32.sub (local.get $wc) (local.get $wd)))
        ;; The mask: cells of 4 bytes, 512 a row.
        (local.set $i (i32.shl (local.get $i) (i32.const 2)))
        (local.set $m
          (f32.add
            (f32.add
              (f32.mul (local.get $wa)
                (f32.load (i32.add (i32.load offset=88 (i32.const 0)) (local.get $i))))
              (f32.mul (local.get $wb)
                (f32.load offset=4 (i32.add (i32.load offset=88 (i32.const 0)) (local.get $i)))))
            (f32.add
              (f32.mul (local.get $wc)
                (f32.load offset=512 (i32.add (i32.load offset=88 (i32.const 0)) (local.get $i))))
              (f32.mul (local.get $wd)
                (f32.load offset=516
                  (i32.add (i32.load offset=88 (i32.const 0)) (local.get $i)))))))
        ;; The residual: cells of 16 bytes, 2048 a row.
        (local.set $i (i32.add (i32.load offset=92 (i32.const 0))
          (i32.shl (local.get $i) (i32.const 2))))
        (local.set $v (f32x4.add
          (f32x4.add
            (f32x4.mul (v128.load (local.get $i)) (f32x4.splat (local.get $wa)))
            (f32x4.mul (v128.load offset=16 (local.get $i)) (f32x4.splat (local.get $wb))))
          (f32x4.add
            (f32x4.mul (v128.load offset=2048 (local.get $i)) (f32x4.splat (local.get $wc)))
            (f32x4.mul (v128.load offset=2064 (local.get $i)) (f32x4.splat (local.get $wd))))))
        (if (f32.lt (local.get $m) (f32.const 1)) (then
          (local.set $v (f32x4.add (local.get $v) (f32x4.mul
            (f32x4.splat (f32.sub (f32.const 1) (local.get $m)))
            (call $picture (i32.load offset=76 (i32.const 0))
              (f32x4.sub (local.get $xy)
                (f32x4.mul (v128.load offset=16 (i32.const 0)) (local.get $u)))
              (local.get $stride) (i32.const 128)))))))
        (if (f32.gt (local.get $m) (f32.const 0)) (then
          (local.set $v (f32x4.add (local.get $v) (f32x4.mul
            (f32x4.splat (local.get $m))
            (call $picture (i32.load offset=80 (i32.const 0))
              (f32x4.add (local.get $xy)
                (f32x4.mul (v128.load offset=32 (i32.const 0)) (local.get $u)))
              (local.get $stride) (i32.const 192)))))))
        ;; While the morph takes over from the plain line, a share of the line.
        (if (f32.lt (f32.load offset=64 (i32.const 0)) (f32.const 1)) (then
          (local.set $i (i32.add
            (i32.shl (i32.add (local.get $k) (i32.const 2)) (i32.const 2))
            (i32.mul (i32.add (local.get $first) (i32.const 2)) (local.get $stride))))
          (local.set $line
            (call $pixel (i32.add (i32.load offset=76 (i32.const 0)) (local.get $i))))
          (local.set $line (f32x4.add (local.get $line) (f32x4.mul
            (f32x4.splat (f32.load offset=68 (i32.const 0)))
            (f32x4.sub
              (call $pixel (i32.add (i32.load offset=80 (i32.const 0)) (local.get $i)))
              (local.get $line)))))
          (local.set $v (f32x4.add (local.get $line) (f32x4.mul
            (f32x4.splat (f32.load offset=64 (i32.const 0)))
            (f32x4.sub (local.get $v) (local.get $line)))))))
        ;; Straight RGBA bytes: alpha to 0..1, colours to 0..alpha, divided by it.
        (local.set $v (f32x4.pmin (v128.const f32x4 1 1 1 1)
          (f32x4.pmax (v128.const f32x4 0 0 0 0) (local.get $v))))
        (local.set $alpha (f32x4.extract_lane 3 (local.get $v)))
        (if (f32.lt (local.get $alpha) (f32.const 1)) (then
          (local.set $v (f32x4.pmin (f32x4.splat (local.get $alpha)) (local.get $v)))
          (if (f32.gt (local.get $alpha) (f32.const 0)) (then
            (local.set $v (f32x4.replace_lane 3
              (f32x4.div (local.get $v) (f32x4.splat (local.get $alpha)))
              (local.get $alpha)))))))
        (local.set $v (f32x4.add
          (f32x4.mul (local.get $v) (v128.const f32x4 255 255 255 255))
          (v128.const f32x4 8388608 8388608 8388608 8388608)))
        (i32.store (local.get $out) (i32x4.extract_lane 0
          (i8x16.shuffle 0 4 8 12 0 4 8 12 0 4 8 12 0 4 8 12 (local.get $v) (local.get $v))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br_if $columns (i32.lt_s (local.tee $k (i32.add (local.get $k) (i32.const 1)))
          (local.get $width))))
      (br_if $rows (i32.lt_s (local.tee $first (i32.add (local.get $first) (i32.const 1)))
        (local.get $end)))))
)
