package io.littlelb.cli.ask;

/** How many columns of a terminal a text takes: two for what Unicode's East Asian Width (UAX 11) calls wide, none for marks that are put on another character. */
final class TextWidth {
    private TextWidth() {}

    static int of(String text) {
        return text.codePoints().map(TextWidth::of).sum();
    }

    private static int of(int character) {
        return switch (Character.getType(character)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> 0;
            default -> isWide(character) ? 2 : 1;
        };
    }

    private static boolean isWide(int character) {
        if (character < 0x1100) {
            return false;
        }
        return character <= 0x115f // Hangul Jamo
                || (character >= 0x2e80 && character <= 0xa4cf && character != 0x303f) // from CJK radicals to Yi
                || (character >= 0xac00 && character <= 0xd7a3) // Hangul
                || (character >= 0xf900 && character <= 0xfaff) // CJK compatibility
                || (character >= 0xfe30 && character <= 0xfe6f)
                || (character >= 0xff00 && character <= 0xff60) // full width
                || (character >= 0xffe0 && character <= 0xffe6)
                || (character >= 0x1f300 && character <= 0x1f64f) // pictures
                || (character >= 0x1f900 && character <= 0x1f9ff)
                || (character >= 0x20000 && character <= 0x3fffd);
    }

    /** As much of it as fits, the last column a mark that something is missing. */
    static String cut(String text, int columns, String mark) {
        if (of(text) <= columns) {
            return text;
        }
        int taken = 0;
        int end = 0;
        while (end < text.length()) {
            int character = text.codePointAt(end);
            if (taken + of(character) > columns - 1) {
                break;
            }
            taken += of(character);
            end += Character.charCount(character);
        }
        return columns < 1 ? "" : text.substring(0, end) + mark;
    }
}
