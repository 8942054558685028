"""The words of renders for clients."""

from api.enums import describe_enum
from domain.renders.families import AdapterSupport, ModelMakes
from domain.renders.judgements import Verdict
from domain.renders.queueing import EstimateBasis, RenderQueueState
from domain.renders.settings import Aspect, Detail, IdentityPolicy
from domain.renders.staleness import StaleReason
from domain.renders.states import RenderState, Rung, ShotState

describe_enum(
    RenderState,
    "Where a render stands.",
    {
        RenderState.QUEUED: "Ordered, not begun.",
        RenderState.FILMING: "Its shots are being filmed.",
        RenderState.JOINING: "All shots have their takes; the film is being joined.",
        RenderState.FINISHED: "The film is there.",
        RenderState.FAILED: "Some shot could not be filmed, or the takes not joined; it can be retried.",
        RenderState.CANCELED: "Stopped for good.",
    },
)
describe_enum(
    ShotState,
    "Where a shot of a render stands.",
    {
        ShotState.WAITING: "Not begun.",
        ShotState.MAKING_KEYFRAME: "The still that fixes its look is being made.",
        ShotState.JUDGING_KEYFRAME: "The identity gate looks at the keyframe.",
        ShotState.ANIMATING: "The keyframe is being moved.",
        ShotState.JUDGING_CLIP: "The identity gate looks at the clip.",
        ShotState.TAKEN: "It has a take that counts.",
        ShotState.FAILED: "It could not be filmed.",
        ShotState.CANCELED: "Its render was canceled before it had a take.",
    },
)
describe_enum(
    Rung,
    "How far up the identity ladder a take came.",
    {
        Rung.FIRST_SEED: "Its first seed.",
        Rung.NEW_SEED: "Another seed, after the gate refused an earlier take.",
        Rung.OTHER_REFERENCES: "Another seed, and other reference pictures lead: those nearest to the view wanted.",
        Rung.STRONGER_REFERENCES: "Another seed, and those other pictures are heeded more strongly.",
        Rung.STRONGER_ADAPTER: "The same, and the adapters of the cast speak up; only where one of them is in use.",
        Rung.OTHER_ENGINE: "Another engine makes the keyframe, which the render's own then moves.",
        Rung.BEST_OF: "No take passed the gate; this one came nearest.",
    },
)
describe_enum(
    ModelMakes,
    "For which step of a shot a model is.",
    {
        ModelMakes.KEYFRAME: "It makes the still that fixes the look.",
        ModelMakes.CLIP: "It moves the keyframe.",
    },
)
describe_enum(
    AdapterSupport,
    "How many characters' adapters a model hears at once.",
    {
        AdapterSupport.NONE: "None.",
        AdapterSupport.ONE: "One.",
        AdapterSupport.SEVERAL: "Several.",
    },
)
describe_enum(
    Verdict,
    "What the identity gate says of a figure or a take.",
    {
        Verdict.MATCH: "The right character.",
        Verdict.COPY: "The right character, as a copy of a reference picture; what an engine that pastes them makes.",
        Verdict.WRONG: "Somebody is there, and does not look like the character.",
        Verdict.MISSING: "The character is not there.",
        Verdict.EXTRA: "Somebody is there whom nobody asked for.",
        Verdict.UNCHECKED: "Nobody looked, because the policy is off or nobody is in the shot.",
    },
)
describe_enum(
    Aspect,
    "The frame's shape.",
    {Aspect.WIDE: "16:9, landscape.", Aspect.TALL: "9:16, portrait.", Aspect.SQUARE: "1:1."},
)
describe_enum(
    Detail,
    "The frame's short side.",
    {
        Detail.P180: "180 pixels, for trying out.",
        Detail.P360: "360 pixels.",
        Detail.P540: "540 pixels.",
        Detail.P720: "720 pixels.",
        Detail.P1080: "1080 pixels.",
    },
)
describe_enum(
    IdentityPolicy,
    "What becomes of a shot none of whose takes passes the identity gate.",
    {
        IdentityPolicy.STRICT: "It fails.",
        IdentityPolicy.BALANCED: "The best take is used, and marked.",
        IdentityPolicy.OFF: "Nobody looks.",
    },
)
describe_enum(
    StaleReason,
    "Why a shot would be filmed.",
    {
        StaleReason.NEW_SHOT: "No render of this storyboard has filmed it.",
        StaleReason.ACTION_CHANGED: "Something else happens in it.",
        StaleReason.CAST_CHANGED: "Others are in it, or stand elsewhere.",
        StaleReason.SETTING_CHANGED: "Place, time, weather or mood changed.",
        StaleReason.DIALOGUE_CHANGED: "Other words are spoken or told.",
        StaleReason.CAMERA_CHANGED: "Shot size, camera move or transition changed.",
        StaleReason.LENGTH_CHANGED: "It is longer or shorter.",
        StaleReason.IDENTITY_CHANGED: "The pictures of a cast member changed.",
        StaleReason.APPEARANCE_CHANGED: "The English words for a cast member changed.",
        StaleReason.ADAPTER_CHANGED: "Another version of a cast member's adapter is in use.",
        StaleReason.STYLE_CHANGED: "The storyboard's style or language changed.",
        StaleReason.SETTINGS_CHANGED: "The render's settings changed.",
        StaleReason.SLATE_CHANGED: "What its slate shows changed.",
        StaleReason.ENGINE_CHANGED: "Another engine, or a newer version of it.",
        StaleReason.NOT_FILMED: "Nothing changed, but it has no finished take.",
        StaleReason.REFUSED_BY_GATE: "The identity gate refused its takes; re-roll it, or choose another policy.",
    },
)
describe_enum(
    RenderQueueState,
    "What a render waits for in the queues.",
    {
        RenderQueueState.WAITING: "Its turn.",
        RenderQueueState.RUNNING: "It is worked on.",
        RenderQueueState.PAUSED: "An operator has paused a queue that it needs.",
        RenderQueueState.NO_WORKER: "No live worker knows what it needs.",
        RenderQueueState.DONE: "Nothing: it is over.",
    },
)
describe_enum(
    EstimateBasis,
    "What estimates of a render's own work come from.",
    {
        EstimateBasis.MEASURED: "What work like it has taken here.",
        EstimateBasis.DECLARED: "At least in part what engines declare, as too little like it has been done here.",
    },
)
