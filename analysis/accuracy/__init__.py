"""How right analysis is: clips with known truth, examined as live, and the two compared."""
