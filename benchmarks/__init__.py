"""What the suite is measured by: ``./run bench NAME``."""
