"""Does Hansou answer in this container? Exit code 0 if it does."""

import os
import sys
import urllib.request

PORT = os.environ.get("HANSOU_SERVER_PORT", "8137")

try:
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=5).close()
except OSError as error:
    sys.exit(str(error))
