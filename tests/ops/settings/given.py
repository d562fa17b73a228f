"""Values that settings are given."""

import base64
import json

URL = "postgresql://serving:secret@db.example:5433/milepost"
PUBLIC = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
KEYS = json.dumps({"keys": [PUBLIC]})

SIGNER = {
    "programmes": ["ota"],
    "issuer": "https://id.example",
    "audience": "milepost",
    "jwks_url": "https://id.example/keys",
}
NAMED = {
    "MILEPOST_JWT_ISSUER": "https://id.example",
    "MILEPOST_JWT_AUDIENCE": "milepost",
    "MILEPOST_JWT_PROGRAMMES": "ota, air",
}

SECRET = base64.b64encode(bytes(32)).decode()


def signers(**changes: object) -> str:
    return json.dumps([SIGNER | changes])
