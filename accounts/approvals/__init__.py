"""Maker and checker: what one member of staff proposes, another one decides."""
