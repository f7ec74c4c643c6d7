/**
 * First three digits of national codes by the province of their registry office, so that synthetic codes look like real
 * ones. Facts from the place table of @persian-tools/persian-tools 4.0.4 (MIT); 30 prefixes without a place and those of
 * the foreign ministry left out. Nothing infers a province from a code (DOMAIN section 4): people move, offices too.
 */
const TABLE = `
ardabil: 145-146 161-163 166-167 504 566 601 603 686 690 714-715 731
bushehr: 349-357 529 532 609-610 732
chaharmahal-and-bakhtiari: 461-462 465-468 555 629 632-633 696
east-azerbaijan: 136-138 149-150 154-155 159-160 164-165 168-173 505-506 519 545 567 604 623 636
fars: 228-230 236-257 513-515 546-548 648-649 654-657 665 670-671 673 678-679 681 683 723
gilan: 258-259 261-273 516-518 569-570 630-631 653 693-694
golestan: 202-203 211-212 223-224 226 487 497 531 628 689
hamadan: 386-387 392-393 395-405 502 584 647
hormozgan: 337-339 341-346 348 469-470 537 554 586 667
ilam: 449-455 534 581 616 634 726-727
isfahan: 108-129 152-153 158 427-428 507 510-512 540-541 549 564-565 575 615 619-622 660
kerman: 298-299 302-321 535-536 542 583 605-608 698 722
kermanshah: 322-325 330-336 394 496 595-596 641 691
khuzestan: 174-175 181-200 481 526-527 585 661-663 680 685 692 706-707 729-730
kohgiluyeh-and-boyer-ahmad: 422-426 550 599-600 687-688 697
kurdistan: 372-373 375-384 558 646 674 676
lorestan: 385 406-407 412-413 416-421 483-484 528 557 592 598 612-613
markazi: 051-053 055-062 544 571 593 617-618
mazandaran: 205-206 208-209 213-222 225 227 498-501 568 576-579 582 625-627 711-713
north-khorasan: 063 067-068 075 082 524 591
qazvin: 431-432 438-439 508-509 538 559 580 588 590 728
qom: 037-038 702
razavi-khorasan: 069-070 072-074 076-079 081 084 086-087 089-094 096-098 105-106 521-522 553 562 572-574 643-644 650-651 724
semnan: 456-460 520 530 642 684 700
sistan-and-baluchestan: 358-359 361-362 364-367 369-371 525 533 597 611 635 668-669 682 699 701 703-705 720 725
south-khorasan: 064-065 085 088 523 563 652 716 719 721
tehran: 001-008 011 015 020 025 031-032 041-045 048-049 489-491 556 658-659 664 666 695 717
west-azerbaijan: 274-275 279-280 282-297 492-493 637-638 640 675 677
yazd: 083 442-448 503 543 551-552 561 718
`;

export interface CodePrefix {
  /** three digits as a number, 1 to 999 */
  readonly prefix: number;
  readonly province: string;
}

export const CODE_PREFIXES: readonly CodePrefix[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [province, ranges] = line.split(': ') as [string, string];
    return ranges.split(' ').flatMap((range) => {
      const [first, last] = range.split('-').map(Number) as [number, number | undefined];
      return Array.from({ length: (last ?? first) - first + 1 }, (_, at) => ({
        prefix: first + at,
        province,
      }));
    });
  });
