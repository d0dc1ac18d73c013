"""The Karimun story of June 2018, played in virtual time on the real services."""
