"""What trains the LSTM autoencoder: a program of its own, which takes arrays on stdin and gives arrays on stdout.

Keras takes long to import, decides on its backend when it is imported, and seeds the generators of the whole process.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np

UNITS, DROPOUT, RATE, BATCH = 64, 0.2, 0.001, 16
ABSENT = 3  # exit code: a library is not there, or not for this machine


def train(windows: Any, tried: Any, dims: int, epochs: int, seed: int) -> tuple[Any, Any]:
    """Train one autoencoder.

    Parameters
    ----------
    windows, tried : array of shape (n, length, n_variables)
        What it learns from, and what its error is told of; the latter may be empty.
    dims, epochs, seed : int

    Returns
    -------
    encoder : keras.Model
    losses : array of shape (epochs, 2)
        Mean squared error while learning, with dropout, and of ``tried`` after each epoch.
    """
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    length, variables = windows.shape[1:]
    layers = keras.layers
    given = keras.Input((length, variables))
    read = layers.LSTM(UNITS, return_sequences=True)(given)
    read = layers.LSTM(UNITS)(layers.Dropout(DROPOUT)(read))
    code = layers.Dense(dims)(layers.Dropout(DROPOUT)(read))
    told = layers.Dense(length * variables)(layers.Dense(UNITS, activation="relu")(code))
    model = keras.Model(given, layers.Reshape((length, variables))(told))
    model.compile(optimizer=keras.optimizers.Adam(RATE), loss="mse")
    said = model.fit(
        windows,
        windows,
        batch_size=BATCH,
        epochs=epochs,
        verbose=0,
        validation_data=(tried, tried) if len(tried) else None,
    ).history
    losses = np.column_stack([said["loss"], said.get("val_loss", np.full(epochs, np.nan))])
    return keras.Model(given, code), losses


def main() -> None:
    """Train on what precedes the windows that are held out, then on all."""
    asked = np.load(io.BytesIO(sys.stdin.buffer.read()))
    try:
        import jax  # noqa: F401
        import keras  # noqa: F401
    except ImportError:
        sys.exit(ABSENT)
    values, learned, tried = asked["values"].astype("float32"), asked["learned"], asked["tried"]
    dims, epochs, seed = (int(asked[name]) for name in ("dims", "epochs", "seed"))
    # Where nothing is held out, what is learned from is all there is.
    encoder, losses = train(values[learned], values[tried], dims, epochs, seed)
    if tried.any():
        encoder, _ = train(values, values[:0], dims, epochs, seed)
    code = encoder.predict(values, batch_size=len(values), verbose=0)
    out = io.BytesIO()
    np.savez(out, code=np.asarray(code, dtype=np.float64), losses=losses)
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main()
