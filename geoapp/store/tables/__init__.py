"""The database's tables, one module a thing; importing this package knows them all."""

from geoapp.store.tables.base import METADATA as METADATA
from geoapp.store.tables.catalogue import category as category
from geoapp.store.tables.catalogue import matter as matter
from geoapp.store.tables.catalogue import source_word as source_word
from geoapp.store.tables.catalogue import unit as unit
from geoapp.store.tables.cells import cell_delta as cell_delta
from geoapp.store.tables.cells import cell_total as cell_total
from geoapp.store.tables.places import area as area
from geoapp.store.tables.places import area_key as area_key
from geoapp.store.tables.places import asset as asset
from geoapp.store.tables.places import city as city
from geoapp.store.tables.places import layer_current as layer_current
from geoapp.store.tables.places import layer_version as layer_version
from geoapp.store.tables.places import site as site
from geoapp.store.tables.private import original as original
from geoapp.store.tables.private import rejected as rejected
from geoapp.store.tables.private import reporter as reporter
from geoapp.store.tables.reports import photo as photo
from geoapp.store.tables.reports import report as report
from geoapp.store.tables.reports import report_text as report_text
from geoapp.store.tables.reports import run as run
from geoapp.store.tables.reports import run_count as run_count
from geoapp.store.tables.tickets import event as event
from geoapp.store.tables.tickets import event_note as event_note
from geoapp.store.tables.tickets import repair as repair
from geoapp.store.tables.tickets import ticket as ticket
