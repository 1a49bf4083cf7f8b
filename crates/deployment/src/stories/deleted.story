3 hosts; web desired=3
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
protect a1 2h
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
delete
  stop a1 a2 a3: Task stopped because its service was deleted
  event: (service web) has stopped 3 running tasks: (task a1) (task a2) (task a3).
  why: The service was deleted: 3 tasks to stop, 0 are stopping.
gone a1 a2
  why: The service was deleted: 0 tasks to stop, 1 are stopping.
gone a3
  the service is INACTIVE
  why: The service was deleted: 0 tasks to stop, 0 are stopping.
