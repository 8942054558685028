"""The GraphQL documents of the client."""

SIGN_UP = """
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on Refusal { message }
    ... on SignedUp { tokens { accessToken } }
  }
}
"""

SIGN_IN = """
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on Refusal { message }
    ... on SignedIn { tokens { accessToken } }
  }
}
"""

CREATE_UPLOADS = """
mutation CreateUploads($input: CreateUploadsInput!) {
  createUploads(input: $input) {
    __typename
    ... on Refusal { message }
    ... on UploadsCreated { uploads { id put { url headers { name value } } } }
  }
}
"""
