"""The commands of `cetak`, by what they are about."""
