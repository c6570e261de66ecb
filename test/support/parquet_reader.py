"""Prints, as one JSON object, every value of a LeRobot set's tables as pyarrow and pandas read them."""

import hashlib
import json
import pathlib
import sys

import pandas as pd
import pyarrow.parquet as pq


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value


def main(root):
    root = pathlib.Path(root)
    data = []
    for path in sorted(root.glob("data/*/*.parquet")):
        file = pq.ParquetFile(path)
        table = file.read()
        data.append(
            {
                "rows": [plain(row) for row in table.to_pylist()],
                "types": {field.name: str(field.type) for field in table.schema},
                "groups": [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)],
            }
        )
    tasks = pd.read_parquet(root / "meta/tasks.parquet")
    episodes = pq.read_table(root / "meta/episodes").to_pylist()
    print(
        json.dumps(
            {
                "data": data,
                "tasks": {text: int(number) for text, number in tasks["task_index"].items()},
                "task_index_name": tasks.index.name,
                "episodes": [plain(row) for row in episodes],
                "stats": json.loads((root / "meta/stats.json").read_text()),
                "info": json.loads((root / "meta/info.json").read_text()),
            }
        )
    )


main(sys.argv[1])
