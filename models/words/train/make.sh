#!/usr/bin/env bash
# The whole pack from a clean folder: `./make.sh WORK STS OUT`. What is done already is not done again.
set -euo pipefail
cd "$(dirname "$0")"
work=$1 sts=$2 out=$3
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
"$python" prepare.py "$work"
[ -e "$work/encoded.npz" ] || "$python" vocabulary.py "$work" "$sts"
common=(--batch 1024 --all-sts --sts-batch 384 --lr-matrix 2e-3 --gains-lr 2)
"$python" train.py "$work" a "${common[@]}" --steps 420 --seed 1 --web 0 --sts-weight 1 --drop 0.2
"$python" train.py "$work" b "${common[@]}" --steps 420 --seed 2 --web 0.35 --sts-weight 1 --drop 0.2
"$python" train.py "$work" c "${common[@]}" --steps 420 --seed 3 --web 0.35 --sts-weight 0 --drop 0.1
