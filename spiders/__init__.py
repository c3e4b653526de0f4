"""Navigation only: which page next, and what to hand over."""
