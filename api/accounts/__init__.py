"""Accounts in the schema: who asks, and how to prove it."""

from api.accounts.mutations.refresh_session import RefreshSession
from api.accounts.mutations.sign_in import SignIn
from api.accounts.mutations.sign_out import SignOut
from api.accounts.mutations.sign_up import SignUp
from api.accounts.queries import AccountQueries
from api.slices import Slice

SLICE = Slice(queries=(AccountQueries,), mutations=(SignUp, SignIn, RefreshSession, SignOut))
