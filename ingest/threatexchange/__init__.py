"""ThreatExchange: descriptors of indicators that members share, and updates that take them back."""
