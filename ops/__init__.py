"""Running Milepost: settings, the embedded database, keys, and the command line."""
