"""The composition root, the only package that names a concrete adapter."""

import warnings

# platformdirs, asked by the embedded PostgreSQL where to keep a lock, warns on machines without a login session.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
