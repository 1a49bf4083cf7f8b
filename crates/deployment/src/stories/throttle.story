3 hosts; web desired=2 min=100 max=200
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
fail a1 a2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 2 failed
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping. Tasks of a failed to start 1 times in a row; the next attempt is due at 00:00:05Z.
  again at 00:00:05Z
wait 5s
  start a3 on h1, a4 on h2
  event: (service web) has started 2 tasks: (task a3) (task a4).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
fail a3 a4
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 4 failed
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping. Tasks of a failed to start 2 times in a row; the next attempt is due at 00:00:15Z.
  again at 00:00:15Z
wait 10s
  start a5 on h1, a6 on h2
  event: (service web) has started 2 tasks: (task a5) (task a6).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
fail a5 a6
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 6 failed
  event: (service web) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping. Tasks of a failed to start 3 times in a row; the next attempt is due at 00:00:35Z.
  again at 00:00:35Z
wait 20s
  start a7 on h1, a8 on h2
  event: (service web) has started 2 tasks: (task a7) (task a8).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
  again at 06:00:15Z
# One that runs ends it. Tasks that ran do not count, however short.
run a7
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (1 healthy), 0 leave, 0 are stopping.
fail a7
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 0 leave, 0 are stopping. A task of a ended right after its start; the next ones are started at 00:00:36Z.
  again at 00:00:36Z
wait 1s
  start a9 on h1
  event: (service web) has started 1 tasks: (task a9).
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 0 leave, 0 are stopping.
fail a8
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 1 failed
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 0 leave, 0 are stopping. Tasks of a failed to start 1 times in a row; the next attempt is due at 00:00:41Z.
  again at 00:00:41Z
run
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. Tasks of a failed to start 1 times in a row; the next attempt is due at 00:00:41Z.
  again at 00:00:41Z
