"""Pleroma and Akkoma: abuse reports, as their admin API gives them."""
