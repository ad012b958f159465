/** Text as a table's cell: a bar would end it. */
export const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
