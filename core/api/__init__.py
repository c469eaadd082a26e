"""The SDK: all of ours that a plugin imports. What ``__all__`` lists is promised (semver, ``API_VERSION``)."""

from core.api.animations import Animation, Pose
from core.api.asking import ask, check_answer
from core.api.catalogue import Catalogue
from core.api.context import HttpClient, HttpResponse, PluginContext
from core.api.curves import CurvePoints
from core.api.effects import (
    Cost,
    Effect,
    Filter,
    FilterKernel,
    Kernel,
    RgbaKernel,
    RgbKernel,
    Shader,
    YuvKernel,
)
from core.api.encoders import AudioCodec, CopyLimits, EncodeJob, Encoder, EncodeSession, Samples, VideoCodec
from core.api.errors import (
    AuthFailed,
    Cancelled,
    CapabilityDenied,
    ConfigInvalid,
    InvalidInput,
    MediaError,
    NotFound,
    NotReady,
    PluginError,
    PluginFailed,
    ReelhouseError,
)
from core.api.events import PluginFault, RenderFinished
from core.api.hooks import HookSpecs, hookimpl, hookspec
from core.api.maths import Law, Maths, animation_maths, transition_maths
from core.api.parameters import (
    Color,
    JsonValue,
    Parameter,
    ParameterType,
    ParameterValue,
    Values,
    did_you_mean,
    parameters_schema,
    parse_values,
)
from core.api.pictures import Canvas, Moment, Plane, Planes, Rgb, Rgba
from core.api.providers import (
    AssetKind,
    AssetOffer,
    AssetProvider,
    FetchedAsset,
    Licence,
    Provider,
    Search,
    SearchPage,
)
from core.api.storage import Storage, StorageBackend, StoredObject, check_key
from core.api.transitions import Transition

API_VERSION = "1.0"

__all__ = [
    "API_VERSION",
    "Animation",
    "AssetKind",
    "AssetOffer",
    "AssetProvider",
    "AudioCodec",
    "AuthFailed",
    "Cancelled",
    "Canvas",
    "CapabilityDenied",
    "Catalogue",
    "Color",
    "ConfigInvalid",
    "CopyLimits",
    "Cost",
    "CurvePoints",
    "Effect",
    "EncodeJob",
    "EncodeSession",
    "Encoder",
    "FetchedAsset",
    "Filter",
    "FilterKernel",
    "HookSpecs",
    "HttpClient",
    "HttpResponse",
    "InvalidInput",
    "JsonValue",
    "Kernel",
    "Law",
    "Licence",
    "Maths",
    "MediaError",
    "Moment",
    "NotFound",
    "NotReady",
    "Parameter",
    "ParameterType",
    "ParameterValue",
    "Plane",
    "Planes",
    "PluginContext",
    "PluginError",
    "PluginFailed",
    "PluginFault",
    "Pose",
    "Provider",
    "ReelhouseError",
    "RenderFinished",
    "Rgb",
    "RgbKernel",
    "Rgba",
    "RgbaKernel",
    "Samples",
    "Search",
    "SearchPage",
    "Shader",
    "Storage",
    "StorageBackend",
    "StoredObject",
    "Transition",
    "Values",
    "VideoCodec",
    "YuvKernel",
    "animation_maths",
    "ask",
    "check_answer",
    "check_key",
    "did_you_mean",
    "hookimpl",
    "hookspec",
    "parameters_schema",
    "parse_values",
    "transition_maths",
]
