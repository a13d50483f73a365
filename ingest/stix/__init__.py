"""STIX 2.1: what organisations tell each other about accounts."""
