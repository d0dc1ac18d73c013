"""One list of facts that every printer behind a card session must show: a folder, `ippeveprinter`, a queue of CUPS."""
