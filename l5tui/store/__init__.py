"""The result database: a SQLite catalogue with a row a run, and a NetCDF file a run."""
