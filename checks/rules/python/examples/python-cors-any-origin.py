from fastapi.middleware.cors import CORSMiddleware
from flask_cors import CORS


def open_up(app):
    CORS(app, origins="*", supports_credentials=True)  # bad
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)  # bad


# good
def open_well(app):
    CORS(app, origins=["https://app.internal"], supports_credentials=True)
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
