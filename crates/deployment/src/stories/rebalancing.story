3 hosts in 3 zones; web desired=6 rebalancing
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1, a5 on h2, a6 on h3
  deployment a: PRIMARY, 6 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 6 tasks: (task a1) (task a2) (task a3) (task a4) (task a5) (task a6).
  why: 6 desired, at least 6 healthy and at most 12 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 6 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# A zone is lost.
drain h3
  start a7 on h1, a8 on h2
  event: (service web) has started 2 tasks: (task a7) (task a8).
  why: 6 desired, at least 6 healthy and at most 12 in all: 4 stay (4 healthy), 2 leave, 0 are stopping.
go on
  ...
  stop a3 a6: Task stopped because its container instance is draining
  event: (service web) has stopped 2 running tasks: (task a3) (task a6).
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# It comes back: tasks are started there first, and stopped elsewhere once these are healthy.
activate h3
  start a9 on h3, a10 on h3
  event: (service web) has started 2 tasks in zone-c to AZ Rebalance: (task a9) (task a10).
  event: (service web) is not AZ balanced with 3 tasks in zone-a, 3 tasks in zone-b, 0 tasks in zone-c. AZ Rebalancing in progress.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-c. 1 tasks are to move from zone-b to zone-c.
go on
  ...
  stop a1 a2: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks in zone-a due to AZ rebalancing: (task a1).
  event: (service web) has stopped 1 running tasks in zone-b due to AZ rebalancing: (task a2).
  why: 6 desired, at least 6 healthy and at most 12 in all: 8 stay (8 healthy), 0 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  event: (service web) is AZ balanced with 2 tasks in zone-a, 2 tasks in zone-b, 2 tasks in zone-c.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
tasks
  a4 RUNNING on h1
  a5 RUNNING on h2
  a7 RUNNING on h1
  a8 RUNNING on h2
  a9 RUNNING on h3
  a10 RUNNING on h3
