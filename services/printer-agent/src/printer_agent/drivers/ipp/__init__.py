"""The `ipp` printer: any IPP Everywhere printer, or a CUPS queue, over IPP."""
