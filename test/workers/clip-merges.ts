/**
 * The merges of CLIP's vocabulary (openai/CLIP, MIT, clip/bpe_simple_vocab_16e6.txt.gz) that can apply
 * to the words of the tests, as token number and the two symbols that it joins; all others cannot.
 */
export const clipMerges = `
  512 i n, 514 a n, 515 r e, 516 a r, 517 e r, 519 in g</w>, 521 o n, 522 s t, 523 o r, 525 o
  n</w>, 528 e r</w>, 531 t o</w>, 532 r o, 534 l e, 539 o f</w>, 544 e l, 545 s t</w>, 546 a c,
  549 l o, 550 a n</w>, 553 r i, 561 d e, 562 o l, 567 s e, 570 d i, 574 o o, 577 m a, 579 l
  e</w>, 580 t o, 582 i r, 587 a s, 604 p p, 606 h o, 611 s e</w>, 622 c o, 627 a u, 631 ar e</w>,
  635 t r, 641 w or, 647 b o, 651 h e, 653 in g, 661 p e, 673 v e, 675 m ar, 676 o p, 684 o f, 688
  a p, 703 p er, 712 p l, 730 l d</w>, 742 i r</w>, 745 p h, 776 e v, 778 f a, 796 d ing</w>, 807
  st r, 810 r e</w>, 816 p ho, 824 b oo, 826 el l, 851 c or, 864 ar s</w>, 882 a pp, 908 e m, 919
  h el, 926 p le, 942 v el, 1002 wor ld</w>, 1046 t ro, 1076 a re, 1097 n a, 1116 boo k</w>, 1125
  pho to</w>, 1153 pho to, 1242 a st</w>, 1268 l s</w>, 1281 a ir, 1284 p er</w>, 1407 h or, 1419
  u t, 1431 l d, 1462 d in, 1568 i d, 1613 w o, 1619 p le</w>, 1657 l l, 1724 r s</w>, 1761 a st,
  1820 de vel, 1843 t oo, 1863 o t, 1922 a ir</w>, 1944 o k, 1953 fa st</w>, 1961 m ac, 1966 devel
  op, 2014 a i, 2236 ol s</w>, 2334 wor ld, 2393 r on, 2481 o k</w>, 2512 ell o</w>, 2796 op er,
  2797 de v, 2828 boo k, 2851 ho t, 2982 l o</w>, 3055 app le</w>, 3121 st ro, 3306 h ello</w>,
  3580 o re, 3627 m l, 3641 u t</w>, 4034 c b, 4165 str on, 4558 hor se</w>, 4830 f as, 5215 n
  g</w>, 5221 wor l, 5732 e ve, 5771 to ols</w>, 5780 m l</w>, 5955 n au, 6170 el o, 6765 ri
  ding</w>, 6978 r s, 7496 mar s</w>, 7545 d ing, 7982 a stron, 8394 oo k</w>, 8410 h ell, 8509 fa
  st, 8562 hor se, 8563 ast ro, 8629 app le, 9611 i di, 10352 n g, 10929 develop er</w>, 12302 pp
  le</w>, 12343 au t</w>, 12887 hel lo, 13718 to ol, 14357 vel o, 15098 re m, 18041 r l, 18103 ri
  d, 18376 astron aut</w>, 19051 l s, 19057 tr on, 19293 ll o</w>, 19622 co re, 20617 mac
  book</w>, 22326 oo k, 23399 o to</w>, 23946 o to, 31694 o pe, 36734 lo p, 37533 op er</w>, 37609
  a str, 37702 o ol, 39315 ev el, 41469 mar s, 42815 ar s
`;
