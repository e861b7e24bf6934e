"""Routes, as each framework declares them."""
