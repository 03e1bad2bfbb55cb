"""Array types, apart from the other types because numpy takes a while to import."""

import numpy as np
from numpy.typing import NDArray

FloatVector = NDArray[np.float32]
"""float32 (dim,), one embedding; or float32 (n,), one score each"""

FloatMatrix = NDArray[np.float32]
"""float32 (n, dim), one embedding a row"""

IntVector = NDArray[np.int64]
"""int64 (n,), offsets or row numbers"""

IntMatrix = NDArray[np.int64]
"""int64 (n, k), row numbers"""

UnsignedVector = NDArray[np.uint64]
"""uint64 (n,), hashes"""
