"""Write everything under `schemas/` anew from what it is compiled from: `python scripts/compile_schemas.py`."""

from ssc_iati.map import extension_schema
from ssc_iati.record import schema as record_schema
from ssc_iati.standard import compile_xsd
from ssc_iati.standard.schemas import EXTENSION_FILE, SOURCE_FOLDER

if __name__ == "__main__":
    compile_xsd.main()
    (SOURCE_FOLDER / "ssc" / EXTENSION_FILE).write_bytes(extension_schema.compiled())
    for name, text in record_schema.documents().items():
        (SOURCE_FOLDER / "record" / name).write_text(text, encoding="utf-8")
