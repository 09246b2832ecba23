"""What strangers may send: every door of the four running services, asked everything."""
