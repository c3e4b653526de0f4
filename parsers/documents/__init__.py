"""Bytes of any format in, one Document out."""
