"""Array types. They have a module of their own because numpy takes long to import."""

import numpy as np
from numpy.typing import NDArray

FloatVector = NDArray[np.float32]
"""float32 (dim,), one embedding; or float32 (n,), one score per row"""

FloatMatrix = NDArray[np.float32]
"""float32 (n, dim), one embedding per row"""

IntVector = NDArray[np.int64]
"""int64 (n,), offsets or row numbers"""

IntMatrix = NDArray[np.int64]
"""int64 (n, k), row numbers"""

UnsignedVector = NDArray[np.uint64]
"""uint64 (n,), hashes"""
