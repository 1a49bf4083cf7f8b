2 hosts; web desired=2 min=50 max=200
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 1 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 1 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h1, b2 on h2
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 2 desired, at least 1 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
delete
  stop a1 a2 b1 b2: Task stopped because its service was deleted
  deployment b: PRIMARY, 2 of its tasks wanted, FAILED, STOPPED
  event: (service web) stopped 2 pending tasks.
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: The service was deleted: 4 tasks to stop, 0 are stopping.
gone
  the service is INACTIVE
  why: The service was deleted: 0 tasks to stop, 0 are stopping.
