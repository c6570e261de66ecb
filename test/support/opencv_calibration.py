"""Answers calibration problems from stdin (JSON) by OpenCV, on stdout (JSON)."""

import json
import sys

import cv2
import numpy as np

TIGHT = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 1000, 1e-15)
METHODS = {"park": cv2.CALIB_HAND_EYE_PARK, "tsai": cv2.CALIB_HAND_EYE_TSAI, "daniilidis": cv2.CALIB_HAND_EYE_DANIILIDIS}


def intrinsics(case):
    objects, images = [], []
    for view in case["views"]:
        points = np.array(view["points_m"], np.float64).reshape(-1, 2)
        objects.append(np.hstack([points, np.zeros((len(points), 1))]).astype(np.float32))
        images.append(np.array(view["pixels"], np.float32).reshape(-1, 1, 2))
    flags = sum(getattr(cv2, name) for name in case["flags"])
    rms, K, D, r, t, deviations, _, _ = cv2.calibrateCameraExtended(
        objects, images, (case["width"], case["height"]), None, None, flags=flags, criteria=TIGHT
    )
    return {
        "rms": rms,
        "intrinsics": [K[0, 0], K[1, 1], K[0, 2], K[1, 2], *D.ravel()[:5].tolist()],
        "deviations": deviations.ravel()[:9].tolist(),
        "rvec": [x.ravel().tolist() for x in r],
        "tvec": [x.ravel().tolist() for x in t],
    }


def hand_eye(case):
    hands = [np.array(T).reshape(4, 4) for T in case["T_base_hand"]]
    targets = [np.array(T).reshape(4, 4) for T in case["T_camera_target"]]
    answer = {}
    for name, method in METHODS.items():
        R, t = cv2.calibrateHandEye(
            [T[:3, :3] for T in hands],
            [T[:3, 3] for T in hands],
            [T[:3, :3] for T in targets],
            [T[:3, 3] for T in targets],
            method=method,
        )
        answer[name] = np.vstack([np.hstack([R, t.reshape(3, 1)]), [0, 0, 0, 1]]).ravel().tolist()
    return answer


def corners(case):
    image = np.array(case["grey"], np.uint8).reshape(case["height"], case["width"])
    found, at = cv2.findChessboardCorners(
        image, tuple(case["pattern"]), flags=cv2.CALIB_CB_ADAPTIVE_THRESH + cv2.CALIB_CB_NORMALIZE_IMAGE
    )
    if not found:
        return None
    window = case["window"]
    cv2.cornerSubPix(image, at, (window, window), (-1, -1), (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 100, 1e-4))
    return at.reshape(-1).tolist()


KINDS = {"intrinsics": intrinsics, "hand_eye": hand_eye, "corners": corners}
cases = json.load(sys.stdin)
json.dump([KINDS[case["kind"]](case) for case in cases], sys.stdout)
