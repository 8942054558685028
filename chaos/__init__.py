"""Attacks the product's real processes from outside and looks for anything lost or done twice."""
