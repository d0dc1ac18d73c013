"""A card printer, played: hopper, bins, ribbon and a log of what came out, behind real IPP. For tests and demos only."""
