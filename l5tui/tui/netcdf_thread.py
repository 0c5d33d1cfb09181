"""The one thread that reads NetCDF files for the app: the library does not bear a second one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

netcdf_thread = ThreadPoolExecutor(1, thread_name_prefix="netcdf")
