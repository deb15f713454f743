#!/usr/bin/env bash
# The whole pack from a clean folder: `./make.sh WORK STS OUT`. What is done already is not done again; a stopped run goes on from its last checkpoint.
# Debian 12 with python3-torch and python3-scipy, npm; some fifteen minutes of one core that is free.
set -euo pipefail
work=$(realpath -m "$1") sts=$(realpath "$2") out=$(realpath -m "$3")
cd "$(dirname "$0")"
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
# Debian's own: one of a version manager has no torch.
python=${PYTHON:-/usr/bin/python3}
"$python" prepare.py "$work"
[ -e "$work/encoded.npz" ] || "$python" vocabulary.py "$work" "$sts"

train() { "$python" train.py "$work" "$@" --all-sts; }
# b: STS joined to the contrastive loss from the start. c: contrastive alone, from which c1 and c2 go on with STS.
together=(--batch 1024 --sts-batch 256 --lr-matrix 2e-3 --gains-lr 2 --web 0.35)
after=(--batch 192 --steps 130 --drop 0.2 --sts-weight 2 --sts-batch 768 --lr 2e-3 --rows-lr 0.7 --gains-lr 3 --lr-matrix 2e-3 --web 0.35)
train b "${together[@]}" --steps 400 --seed 2 --sts-weight 1 --drop 0.2
train c "${together[@]}" --steps 700 --seed 3 --drop 0.1
train c1 "${after[@]}" --init c --seed 1
train c2 "${after[@]}" --init c --seed 2
"$python" export.py "$work" "$out" b c1+c2
