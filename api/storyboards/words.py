"""The words of film, as clients see them: the domain's own enums with their descriptions."""

from api.enums import describe_enum
from domain.storyboards.models import (
    CameraMove,
    Mood,
    Placement,
    Scenery,
    ShotSize,
    StoryboardState,
    TimeOfDay,
    Transition,
    Weather,
)

describe_enum(
    StoryboardState,
    "Whether a storyboard can be edited and filmed.",
    {
        StoryboardState.WRITING: "Its shots are being written; edits wait.",
        StoryboardState.READY: "It can be edited and filmed.",
        StoryboardState.FAILED: "The writer gave up; an edit that leaves it with shots makes it ready.",
    },
)
describe_enum(
    ShotSize,
    "How much of the figure the frame shows, from far to near.",
    {
        ShotSize.EXTREME_WIDE: "The place; figures are small in it.",
        ShotSize.WIDE: "Figures and the place around them.",
        ShotSize.FULL: "Figures from head to foot.",
        ShotSize.MEDIUM: "From the waist up.",
        ShotSize.MEDIUM_CLOSE_UP: "From the chest up.",
        ShotSize.CLOSE_UP: "The face.",
        ShotSize.EXTREME_CLOSE_UP: "A part of the face.",
    },
)
describe_enum(
    CameraMove,
    "What the camera does while the shot runs.",
    {
        CameraMove.STATIC: "It stands still.",
        CameraMove.PAN_LEFT: "It turns left.",
        CameraMove.PAN_RIGHT: "It turns right.",
        CameraMove.TILT_UP: "It looks up.",
        CameraMove.TILT_DOWN: "It looks down.",
        CameraMove.PUSH_IN: "It comes nearer.",
        CameraMove.PULL_OUT: "It draws back.",
        CameraMove.HANDHELD: "It is carried in the hand.",
        CameraMove.PARALLAX: "It glides sideways, near things faster than far ones.",
    },
)
describe_enum(
    TimeOfDay,
    "The light of a setting.",
    {
        TimeOfDay.DAWN: "Before and at sunrise.",
        TimeOfDay.DAY: "By day.",
        TimeOfDay.DUSK: "At and after sunset.",
        TimeOfDay.NIGHT: "By night.",
    },
)
describe_enum(
    Weather,
    "The weather of an exterior.",
    {
        Weather.CLEAR: "A clear sky.",
        Weather.CLOUDY: "Clouds.",
        Weather.RAIN: "Rain.",
        Weather.SNOW: "Snow.",
        Weather.FOG: "Fog.",
        Weather.STORM: "Thunder and wind.",
    },
)
describe_enum(
    Mood,
    "The feeling that colours the light.",
    {
        Mood.NEUTRAL: "As it is.",
        Mood.JOYFUL: "Joy.",
        Mood.TENSE: "Tension.",
        Mood.SAD: "Sorrow.",
        Mood.MYSTERIOUS: "Mystery.",
        Mood.EPIC: "Greatness.",
    },
)
describe_enum(
    Scenery,
    "The kind of place.",
    {
        Scenery.FIELD: "Fields and meadows.",
        Scenery.FOREST: "Among trees.",
        Scenery.MOUNTAINS: "Mountains and rocks.",
        Scenery.SEA: "The sea and its shore.",
        Scenery.RIVER: "Rivers, lakes and ponds.",
        Scenery.DESERT: "Sand and dunes.",
        Scenery.GARDEN: "A garden or an orchard.",
        Scenery.ROAD: "A road or a path.",
        Scenery.VILLAGE: "A village or a farm.",
        Scenery.CITY: "Streets of a town.",
        Scenery.CASTLE: "A castle or a palace.",
        Scenery.ROOM: "A room of a house.",
        Scenery.HALL: "A hall, a church, a temple.",
        Scenery.CAVE: "A cave or a tunnel.",
    },
)
describe_enum(
    Transition,
    "How the shot begins.",
    {
        Transition.CUT: "At once.",
        Transition.FADE: "Out of black.",
        Transition.DISSOLVE: "Out of the shot before.",
    },
)
describe_enum(
    Placement,
    "Where in the frame a cast member stands.",
    {
        Placement.AUTOMATIC: "Where the engine puts them.",
        Placement.LEFT: "On the left.",
        Placement.CENTRE: "In the middle.",
        Placement.RIGHT: "On the right.",
    },
)
