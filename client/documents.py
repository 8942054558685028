"""The GraphQL documents of the client."""

SIGN_UP = """
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on Refusal { message }
    ... on SignedUp { tokens { accessToken refreshToken } }
  }
}
"""

SIGN_IN = """
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on Refusal { message }
    ... on SignedIn { tokens { accessToken refreshToken } }
  }
}
"""

REFRESH_SESSION = """
mutation RefreshSession($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename
    ... on Refusal { message }
    ... on SessionRefreshed { tokens { accessToken refreshToken } }
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

CREATE_CHARACTER = """
mutation CreateCharacter($input: CreateCharacterInput!) {
  createCharacter(input: $input) {
    __typename
    ... on Refusal { message }
    ... on CharacterCreated { character { id } }
  }
}
"""

CHARACTER_PROGRESS = """
subscription CharacterProgress($id: ID!, $after: String) {
  characterProgress(id: $id, after: $after) {
    cursor
    event { name data }
    character { id name state identity { images threshold space } images { id position state refusal duplicateOfId } }
  }
}
"""

CREATE_STORYBOARD = """
mutation CreateStoryboard($input: CreateStoryboardInput!) {
  createStoryboard(input: $input) {
    __typename
    ... on Refusal { message }
    ... on StoryboardCreated { storyboard { id } }
  }
}
"""

STORYBOARD_PROGRESS = """
subscription StoryboardProgress($id: ID!, $after: String) {
  storyboardProgress(id: $id, after: $after) {
    cursor
    event { name data }
    shot { number action size move seconds cast { character { name } } setting { name timeOfDay } }
    storyboard { state failure shotCount seconds language version }
  }
}
"""

QUOTE_RENDER = """
query QuoteRender($storyboardId: ID!, $settings: RenderSettingsInput) {
  quoteRender(storyboardId: $storyboardId, settings: $settings) {
    filmSeconds
    workSeconds
    staleShots
    cost { credits seconds }
    shots { id number isFresh reasons }
  }
}
"""

REQUEST_RENDER = """
mutation RequestRender($input: RequestRenderInput!) {
  requestRender(input: $input) {
    __typename
    ... on Refusal { message }
    ... on RenderRequested { render { id shots { id number action seconds } } }
  }
}
"""

RENDER_PROGRESS = """
subscription RenderProgress($id: ID!, $after: String) {
  renderProgress(id: $id, after: $after) {
    cursor
    event { name data }
    shot { shotId fraction preview }
    queue { state position estimatedRemainingSeconds }
    render { state failure }
  }
}
"""

RENDER = """
query Render($id: ID!) {
  render(id: $id) {
    title
    state
    failure
    shots {
      number
      action
      seconds
      state
      takeNumber
      take { score verdict rung }
    }
    film {
      width height frames framesPerSecond seconds videoCodec pixelFormat
      video { url }
      poster { url }
      captions { url }
    }
  }
}
"""

CHARACTERS = """
query Characters($after: String) {
  characters(first: 50, after: $after) {
    nodes {
      id name state metadata identity { images threshold space } images { id position state refusal duplicateOfId }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

STORYBOARDS = """
query Storyboards($after: String) {
  storyboards(first: 50, after: $after) {
    nodes { id title state }
    pageInfo { hasNextPage endCursor }
  }
}
"""

STORYBOARD = """
query Storyboard($id: ID!) {
  storyboard(id: $id) {
    id script style secondsTarget language shotCount seconds version
    cast { id }
    shots { number action size seconds cast { character { name } } }
  }
}
"""
