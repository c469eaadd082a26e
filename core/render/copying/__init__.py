"""Pass-through: stretches of untouched sources, taken over without encoding them anew."""
