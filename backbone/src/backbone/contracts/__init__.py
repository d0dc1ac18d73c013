"""What services say to each other: frozen models with explicit, versioned type names, one module per publisher."""
